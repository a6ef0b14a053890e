-- What a provider offers to do with an add-on of the plan: [{label, action, url, requires_owner}].
alter table plans add column if not exists actions jsonb not null default '[]'::jsonb;
