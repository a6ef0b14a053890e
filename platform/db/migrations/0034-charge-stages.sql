-- The stage that the service was in when an add-on was ordered, or its plan changed: only what was ordered in ga is billed, and
-- nobody is billed because a service became ga later. Null where an older version opened the charge: then the service's own.
alter table charges add column stage text;
