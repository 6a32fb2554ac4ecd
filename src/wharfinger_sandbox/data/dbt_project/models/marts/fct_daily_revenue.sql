select
    placed_on as revenue_date,
    currency,
    count(*) as order_count,
    sum(total) as revenue
from {{ ref('stg_orders') }}
where status <> 'cancelled'
group by placed_on, currency
