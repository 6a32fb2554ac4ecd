select
    id as customer_id,
    email_verified,
    marketing_opt_in,
    created_at,
    last_seen_at
from {{ source('shop', 'customers') }}
