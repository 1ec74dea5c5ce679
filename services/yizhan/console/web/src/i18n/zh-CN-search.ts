/** 搜索。 */
export const searchZhCN = {
  label: '搜索消息',
  kinds: '搜索范围',
  messages: '消息',
  hint: '搜索客户、助手和坐席说过的话，空格分隔多个词',
  by: { customer: '客户', assistant: '助手', agent: '坐席', system: '系统', note: '内部备注' },
  with: '与{name}的会话',
  filter: { by: '谁说的', agent: '坐席', channel: '渠道', from: '从', to: '到' },
  within: { conversation: '只在一个会话中', customer: '只在一位客户的会话中', leave: '在所有会话中搜索' },
  here: '这个会话里说过的话',
  start: '找到说过的每一句话',
  startHint: '输入词语后按 Enter。同一条消息里要有全部的词；繁简、全半角、大小写都一样。',
  nothing: '没有找到',
  nothingHint: '同一条消息里要有全部的词，可以少写几个词再试。英文单词和数字要写全。',
  nothingNarrowed: '可以放宽筛选条件，或少写几个词再试。',
  incomplete: '较早的消息还在整理，可能暂时搜不全。',
  goOn: '继续往前找',
  end: '到底了。能搜到最近 {days} 天内说过的话。',
}

export const searchProblemsZhCN = {
  query_empty: '没有可以搜索的词',
  query_too_long: '最多 200 个字',
}
