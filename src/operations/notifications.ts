import { z } from 'zod';
import { id, offsetPaging } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const notificationId = () => id('Notification id, from notifications.list.');

const notification = () => z.object({ id: z.string() }).passthrough();

export const notifications = {
  list: defineOperation({
    id: 'notifications.list',
    scope: 'notifications:read',
    effect: 'read',
    summary:
      'List what Geopera has told the user of late, newest first. The inbox is that of a person: with an API key it is empty.',
    keywords: 'messages news alerts unread bell recent updates',
    input: () =>
      z
        .object({
          unread_only: z.boolean().default(false).describe('Leave out those marked as read.'),
          ...offsetPaging(50),
        })
        .strict(),
    output: untyped,
  }),

  unreadCount: defineOperation({
    id: 'notifications.unread_count',
    scope: 'notifications:read',
    effect: 'read',
    summary: "Count what is unread in the user's inbox. With an API key it is always nothing.",
    keywords: 'how many new messages alerts pending number badge',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  markRead: defineOperation({
    id: 'notifications.mark_read',
    scope: 'notifications:write',
    effect: 'compute',
    repeatable: true,
    summary: "Mark one message in the user's inbox as read; it stays in the list.",
    keywords: 'notification seen acknowledge alert tick off',
    input: () => z.object({ notification_id: notificationId() }).strict(),
    output: notification,
  }),

  markAllRead: defineOperation({
    id: 'notifications.mark_all_read',
    scope: 'notifications:write',
    effect: 'compute',
    summary: "Mark everything in the user's inbox as read at once. There is no way to undo it.",
    keywords: 'clear seen acknowledge messages alerts unread whole empty',
    input: () => z.object({}).strict(),
    output: () => z.object({ marked_count: z.number().int().optional() }).passthrough(),
  }),

  dismiss: defineOperation({
    id: 'notifications.dismiss',
    scope: 'notifications:write',
    effect: 'compute',
    repeatable: true,
    summary: "Hide one message from the user's inbox for good. To keep it listed, mark it as read.",
    keywords:
      'notification remove delete clear discard alert away never again out of sight get rid',
    input: () => z.object({ notification_id: notificationId() }).strict(),
    output: notification,
  }),
};
