-- app<N>@heroku.com: how providers of the first generation name an app. It never changes and is never used again.
alter table apps add column number bigint not null generated always as identity (start with 10001);
create unique index apps_number on apps (number);
