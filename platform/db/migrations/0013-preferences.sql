-- What a person's own pages remember; only what was set.
alter table accounts add column preferences jsonb not null default '{}';
