{{ config(alias='store_revenue') }}

select
    stores.id as store_id,
    stores.name as store_name,
    countries.country_name,
    sum(orders.total) as revenue
from {{ source('shop', 'stores') }} as stores
inner join {{ ref('stg_orders') }} as orders on orders.store_id = stores.id
left join {{ ref('country_names') }} as countries
    on countries.country_code = case orders.currency when 'USD' then 'US' when 'GBP' then 'GB' else 'DE' end
group by stores.id, stores.name, countries.country_name
