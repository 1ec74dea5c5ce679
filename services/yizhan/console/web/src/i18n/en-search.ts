import type { searchProblemsZhCN, searchZhCN } from './zh-CN-search'

export const searchEn: typeof searchZhCN = {
  label: 'Search messages',
  kinds: 'What to search',
  messages: 'Messages',
  hint: 'Words that customers, the assistant or agents said',
  by: { customer: 'Customer', assistant: 'Assistant', agent: 'Agent', system: 'System', note: 'Internal note' },
  with: 'with {name}',
  filter: { by: 'Said by', agent: 'Agent', channel: 'Channel', from: 'From', to: 'To' },
  within: { conversation: 'Only in one conversation', customer: "Only in one customer's conversations", leave: 'Search all conversations' },
  here: 'What was said in this conversation',
  start: 'Find anything that was said',
  startHint: 'Type words and press Enter. One message must have all of them; width, case, traditional or simplified characters make no difference.',
  nothing: 'Nothing found',
  nothingHint: 'One message must have all of the words; try fewer. Latin words and numbers are found whole.',
  nothingNarrowed: 'Try fewer filters, or fewer words.',
  incomplete: 'Older messages are still being made searchable; some may be missing for now.',
  goOn: 'Look further back',
  end: 'That is all. What was said in the last {days} days can be found.',
}

export const searchProblemsEn: typeof searchProblemsZhCN = {
  query_empty: 'There is no word to search for',
  query_too_long: 'At most 200 characters',
}
