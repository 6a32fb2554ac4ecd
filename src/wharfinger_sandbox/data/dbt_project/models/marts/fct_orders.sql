with lines as (
    select
        order_id,
        count(*) as line_count,
        sum(quantity) as piece_count
    from {{ source('shop', 'order_items') }}
    group by order_id
)

select
    orders.order_id,
    orders.customer_id,
    orders.store_id,
    orders.status,
    orders.currency,
    orders.total,
    orders.placed_on,
    coalesce(lines.line_count, 0) as line_count,
    coalesce(lines.piece_count, 0) as piece_count
from {{ ref('stg_orders') }} as orders
left join lines on lines.order_id = orders.order_id
