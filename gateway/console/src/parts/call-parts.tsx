// The parts of a call that many pages show: outcome, direction, parties.
import { useWords } from '../app-context';
import type { CallDirection, CallStatus, HealthStatus, PartyPartsFragment } from '../gql/graphql';
import { Icon } from './icon';

export const Status = ({ status }: { status: CallStatus }) => (
  <span className={`status status-${status}`}>{useWords().code('status', status)}</span>
);

export const Health = ({ status }: { status: HealthStatus }) => (
  <span className={`status health-${status}`}>{useWords().code('health', status)}</span>
);

export function Direction({ direction }: { direction: CallDirection }) {
  const name = useWords().code('direction', direction);
  return (
    <span className={`direction direction-${direction}`}>
      <Icon name={direction} />
      <span>{name}</span>
    </span>
  );
}

/** Return the name by which a party is known, or its number. */
export const partyName = (party: PartyPartsFragment | null | undefined, unknown: string): string =>
  [party?.name, party?.e164, party?.number, party?.extension].find(Boolean) ?? unknown;

export const partyNumber = (party: PartyPartsFragment | null | undefined): string | null =>
  party?.e164 ?? party?.number ?? party?.extension ?? null;

export function PartyCell({ party }: { party: PartyPartsFragment | null }) {
  const { t } = useWords();
  const number = partyNumber(party);
  if (!party || !number) return <span className="quiet">{party?.name ?? t('call.unknownParty')}</span>;
  return (
    <span className="party">
      <span className="number">{number}</span>
      {party.name && party.name !== number && <span className="quiet name">{party.name}</span>}
    </span>
  );
}

export const Provider = ({ name }: { name: string }) => <span className="provider">{name}</span>;

