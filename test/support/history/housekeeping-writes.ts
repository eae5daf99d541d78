import { HOUSEKEEPER_LEASE } from '../../../server/catalog/leases.ts'
import { administer } from '../services/shared-postgres.ts'

/**
 * Has a database note who writes what the housekeeper alone writes, how far its tasks came, and who the housekeeper is at that moment: by the
 * lease, which each of its transactions locks.
 *
 * @param url Of a database that servers run over, each with an `application_name` of its own.
 */
export async function noteHousekeeping(url: string): Promise<void> {
  // In a schema of its own: servers refuse tables beside theirs that they do not know.
  await administer(
    url,
    `create schema history;
    create table history.writes (writer text not null, housekeeper text, task text not null);
    create function history.note() returns trigger language plpgsql as $$ begin
      insert into history.writes
        select current_setting('application_name'), servers.address, new.task
          from public.leases left join public.servers on servers.id = leases.holder where leases.name = '${HOUSEKEEPER_LEASE}';
      return new;
    end $$;
    create trigger note before insert or update on public.task_progress
      for each row execute function history.note()`,
  )
}

/**
 * Says which writes were of a server that was not the housekeeper then.
 *
 * @param addresses Where each server listens, by its `application_name`.
 */
export async function faultsOfHousekeeping(
  url: string,
  addresses: ReadonlyMap<string, string>,
): Promise<string[]> {
  const rows = await administer(url, 'select distinct writer, housekeeper, task from history.writes')
  if (rows.length === 0) return ['nobody was seen to keep house']
  return rows.flatMap(({ writer, housekeeper, task }) =>
    addresses.get(String(writer)) === housekeeper
      ? []
      : [`${String(writer)} wrote how far ${String(task)} came while ${String(housekeeper)} kept house`],
  )
}
