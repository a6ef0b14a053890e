-- The same of what providers asked of us. Apart, since a migration holds no two tables that processes write to.
alter table provider_calls add column if not exists sent json;
alter table provider_calls add column if not exists received json;
