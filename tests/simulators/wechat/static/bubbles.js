// One line of the chat as the phone draws it. Text is never put in as HTML.

const EVENTS = {
  subscribe: "你关注了公众号",
  unsubscribe: "你取消了关注",
  SCAN: "你扫描了二维码",
  CLICK: "你点击了菜单",
  VIEW: "你打开了网页",
  user_enter_tempsession: "你进入了客服会话",
  enter_session: "你进入了会话",
  user_recall_msg: "你撤回了一条消息",
};
const VIA = { passive: "被动回复", api: "接口下发", event_code: "事件消息", template: "模板消息" };

export function bubble(line, actions) {
  const row = element("div", `line ${line.side}`);
  if (line.side === "middle") {
    row.classList.toggle("notice", line.kind === "notice");
    row.textContent = line.kind === "event" ? [EVENTS[line.event] ?? line.event, line.text].filter(Boolean).join(" · ") : line.text;
    return row;
  }
  const face = element("span", "face", line.side === "right" ? "我" : "店");
  const column = element("div");
  column.append(content(line, actions));
  if (line.via) column.append(element("div", "via", VIA[line.via] ?? line.via));
  row.append(face, column);
  return row;
}

function content(line, actions) {
  const box = element("div", "bubble");
  if (line.menu) return menu(box, line.menu, actions);
  if (line.card) return card(box, line.card);
  if (line.kind === "image" && line.media) {
    box.classList.add("bare");
    const picture = element("img", "picture");
    picture.src = `/pic/${encodeURIComponent(line.media)}`;
    picture.alt = "图片";
    picture.addEventListener("load", actions.grown);
    box.append(picture);
    return box;
  }
  if (line.kind === "video" && line.media && line.side === "left") return player(box, "video", line);
  if (line.kind === "voice") return line.side === "left" ? player(box, "audio", line) : said(box, `🔊 1″ ${line.text ?? ""}`);
  if (line.kind === "file" && line.media) return file(box, line);
  if (line.kind === "location") return said(box, `📍 ${line.text}`);
  if (line.kind === "link") return said(box, `🔗 ${line.text}`);
  if (line.kind === "miniprogrampage" || line.kind === "miniprogram") return said(box, `▦ 小程序 · ${line.text}`);
  if (line.kind === "text" || line.kind === "template") return linked(box, line.text ?? "");
  return said(box, `[${line.kind}] ${line.text ?? ""}`);
}

function menu(box, shown, actions) {
  if (shown.head) linked(box, shown.head);
  for (const item of shown.items) {
    if (item.kind === "click") {
      const button = element("button", "", item.label);
      button.type = "button";
      button.addEventListener("click", () => actions.press(item.id || item.label));
      box.append(button);
    } else {
      box.append(anchor(item.label, item.url));
    }
  }
  if (shown.tail) box.append(element("div", "via", shown.tail));
  return box;
}

function card(box, shown) {
  const sheet = shown.url ? anchor("", shown.url) : element("div");
  sheet.classList.add("sheet");
  sheet.append(element("strong", "", shown.title), element("small", "", shown.text));
  const picture = element("img", "picture");
  picture.alt = "";
  if (shown.thumb) {
    picture.src = `/pic/${encodeURIComponent(shown.thumb)}`;
    sheet.append(picture);
  }
  box.append(sheet);
  return box;
}

function player(box, kind, line) {
  const medium = element(kind);
  medium.controls = true;
  medium.src = `/pic/${encodeURIComponent(line.media)}`;
  box.append(medium, file(element("div"), line));
  return box;
}

function file(box, line) {
  const link = element("a", "", "下载");
  link.href = `/pic/${encodeURIComponent(line.media)}`;
  link.download = "";
  box.append(link);
  return box;
}

function said(box, text) {
  box.append(text);
  return box;
}

// WeChat shows <a href> inside a text; everything else in it is text.
function linked(box, text) {
  const pattern = /<a\s[^>]*?href=["']([^"']*)["'][^>]*>([^<]*)<\/a>|(https?:\/\/[^\s<]+)/g;
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    box.append(text.slice(end, found.index), anchor(found[2] ?? found[3], found[1] ?? found[3]));
    end = found.index + found[0].length;
  }
  box.append(text.slice(end));
  return box;
}

function anchor(label, url) {
  const safe = /^https?:\/\//i.test(url);
  const link = element(safe ? "a" : "span", "", label);
  if (safe) {
    link.href = url;
    link.target = "_blank";
    link.rel = "noreferrer noopener";
  }
  return link;
}

export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
