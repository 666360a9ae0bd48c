import type { Offer } from '../offer.ts';
import { type RequestHeaders, wishesInHeaders } from '../tools/selection/header_wishes.ts';
import type { RequestExtra } from '../tools/tool_offer.ts';

/** What is offered to the sender of a request, who may want less than the operator offers, and never more. */
export function offeredTo({ requestInfo }: Pick<RequestExtra, 'requestInfo'>, offer: Offer): Offer {
  return offeredWith(requestInfo?.headers, offer);
}

/** The same by the headers of a request alone. */
export function offeredWith(headers: RequestHeaders | undefined, offer: Offer): Offer {
  const wishes = headers && wishesInHeaders(headers);
  return (wishes && offer.narrowed?.(wishes)) ?? offer;
}
