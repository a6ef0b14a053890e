import { AccountList } from './account-list.js'

/** All teams of the installation. */
export function KnownTeams() {
  return <AccountList kind="team" title="Teams" />
}
