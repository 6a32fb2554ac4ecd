select
    products.id as product_id,
    products.sku,
    products.title,
    products.list_price,
    products.active,
    coalesce(sum(items.quantity), 0) as pieces_sold
from {{ source('shop', 'products') }} as products
left join {{ source('shop', 'order_items') }} as items on items.product_id = products.id
group by products.id, products.sku, products.title, products.list_price, products.active
