import { DATABASE } from '../../model/hunting-database.ts';
import { RequestError } from '../../model/request-error.ts';

export function unknownDatabase(name: string): RequestError {
  return new RequestError(
    'BadRequest',
    400,
    `Request is invalid and cannot be processed: Database '${name.slice(0, 128)}' could not be found; ` +
      `there is one, '${DATABASE}'`,
  );
}
