import type { Content } from '../transport/protocol';
import type { Words } from './i18n';

/** A message in one line. Empty for kinds that this version does not know. */
export function preview(words: Words, content: Content): string {
  switch (content.type) {
    case 'text':
    case 'event':
      return content.text;
    case 'menu':
      return content.prompt;
    case 'choice':
    case 'location':
      return content.label;
    case 'link':
    case 'goods':
      return content.title;
    case 'image':
    case 'voice':
    case 'video':
    case 'file':
    case 'order':
    case 'logistics':
    case 'refund':
      return words[content.type];
    default:
      return '';
  }
}
