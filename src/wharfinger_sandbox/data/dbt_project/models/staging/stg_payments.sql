select
    id as charge_id,
    customer_id,
    cast(amount as numeric(14, 2)) / 100 as amount,
    currency,
    status,
    paid,
    timestamp '1970-01-01 00:00:00' + created * interval '1 second' as charged_at
from {{ source('stripe', 'charges') }}
