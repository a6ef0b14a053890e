-- What the release command printed, for whoever follows it and for later.
alter table releases add column output text not null default '';
