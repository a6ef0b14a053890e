-- Where a plan is sold, when that is not everywhere that its service is; null: everywhere.
alter table plans add column if not exists regions jsonb;
