import type { InstallationAccountDetail } from '@mortise/contract/platform-api/installation-accounts'
import { useState } from 'react'
import { api, routes } from '../../api.js'
import { Button } from '../../kit/button.js'
import { VerbDialog, type VerbWords } from '../verb-dialog.js'

type Verb = 'suspend' | 'unsuspend' | 'makeOperator' | 'unmakeOperator'

const words: Record<Verb, VerbWords> = {
  suspend: {
    button: 'Suspend',
    title: 'Suspend the account?',
    lead: 'At once no browser, token or program of theirs is let in. Their apps and add-ons run on, and nothing is deleted.',
    said: 'The account is suspended.',
  },
  unsuspend: {
    button: 'Lift the suspension',
    title: 'Lift the suspension?',
    lead: 'The browsers and tokens that were good before are good again.',
    said: 'The suspension is lifted.',
  },
  makeOperator: {
    button: 'Make operator',
    title: 'Make them an operator?',
    lead: 'They see and change everything on this installation, let people in, suspend others, and can take your rights away.',
    said: 'They are an operator now.',
  },
  unmakeOperator: {
    button: 'Take operator’s rights',
    title: 'Take the operator’s rights?',
    lead: 'They keep their account and their apps, and can no longer open this console.',
    said: 'They are no operator any more.',
  },
}

/** What can be done with somebody. Whoever looks at themselves can do none of it. */
export function Standing({ account, isMe }: { account: InstallationAccountDetail; isMe: boolean }) {
  const [verb, setVerb] = useState<Verb | null>(null)
  if (isMe) {
    return (
      <p className="text-muted text-sm">
        This is you. Another operator can suspend you or take your rights; nobody does it to themselves.
      </p>
    )
  }
  const verbs: Verb[] = [
    account.is_operator ? 'unmakeOperator' : 'makeOperator',
    account.suspended_at ? 'unsuspend' : 'suspend',
  ]
  return (
    <>
      {verbs.map((each) => (
        <Button key={each} size="small" onClick={() => setVerb(each)}>
          {words[each].button}
        </Button>
      ))}
      {verb && (
        <VerbDialog
          words={words[verb]}
          isDanger={verb === 'suspend' || verb === 'unmakeOperator'}
          typed={verb === 'unsuspend' ? undefined : { what: 'the account', name: account.email }}
          reasonHint={
            verb === 'suspend'
              ? 'They are told it whenever they try to come in; kept on record, with your name.'
              : 'Kept on record, with your name; they can read it.'
          }
          ask={({ reason = '' }) =>
            api.call(routes.accounts[verb], { params: { account: account.id }, body: { reason } })
          }
          onClose={() => setVerb(null)}
        />
      )}
    </>
  )
}
