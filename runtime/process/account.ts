/** An unprivileged account of the operating system that builds or dynos run as. Only root can choose one. */
export interface Account {
  uid: number
  gid: number
}
