-- Of an app that runs elsewhere: the newest release whose config it said to run with. Null until it says so.
alter table apps add column acknowledged_version int;
