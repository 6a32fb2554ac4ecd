"""`dbt check`: finds what is wrong with a profiles.yml. `service` acts; the other modules are pure."""
