-- When an operator told the platform to forget a resource: it was not said to be gone by its provider.
alter table debts add column forgotten_at timestamptz;
