select
    customers.customer_id,
    customers.created_at as customer_since,
    count(orders.order_id) as order_count,
    min(orders.placed_on) as first_order_on,
    max(orders.placed_on) as last_order_on,
    coalesce(sum(orders.total), 0) as lifetime_value
from {{ ref('stg_customers') }} as customers
left join {{ ref('stg_orders') }} as orders
    on orders.customer_id = customers.customer_id and orders.status <> 'cancelled'
group by customers.customer_id, customers.created_at
