select
    id as order_id,
    customer_id,
    store_id,
    status,
    currency,
    total,
    shipping,
    cast(placed_at as date) as placed_on
from {{ source('shop', 'orders') }}
