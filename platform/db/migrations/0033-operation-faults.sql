-- Faults of ours, one after the other. Apart from `tries`, which counts how often somebody else was asked, too: one lost commit
-- after an evening of patience is one fault, and not the twelfth.
alter table operations add column faults integer not null default 0;
