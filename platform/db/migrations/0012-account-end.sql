-- Somebody who deleted their account. The row stays, without name, address and password: releases, builds and events
-- point to whoever made them.
alter table accounts add column deleted_at timestamptz;
