"""How a page stands on a screen, measured in a browser: what is cut off, what moves, what cannot be seen any more."""

from playwright.async_api import Page

SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } " + (
    "p { margin-block-end: 2em !important; }"
)
"""What a reader may set, by WCAG 2.2, 1.4.12."""

_CUT = """() => {
  const room = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > room) found.push(['page', document.documentElement.scrollWidth]);
  for (const it of document.querySelectorAll('#page, #page *, .still *')) {
    if (!it.checkVisibility() || it.closest('.unseen, option') !== null) continue;
    const box = it.getBoundingClientRect();
    const name = `${it.tagName.toLowerCase()}.${it.className} ${it.textContent.trim().slice(0, 30)}`;
    if (box.width > 0 && (box.left < -1 || box.right > room + 1)) found.push([name, 'beside the page']);
    const clips = getComputedStyle(it).overflow !== 'visible';
    if (clips && it.tagName !== 'TEXTAREA' && it.scrollHeight > it.clientHeight + 1) found.push([name, 'cut off']);
    if (clips && it.scrollWidth > it.clientWidth + 1) found.push([name, 'cut off']);
    for (const part of it.childNodes) {
      if (part.nodeType !== Node.TEXT_NODE || part.data.trim() === '' || it.tagName === 'TEXTAREA') continue;
      const range = document.createRange();
      range.selectNodeContents(part);
      const holder = it.closest('a.button, button, li, label, p, h1, h2, h3, summary, .places a, .leave');
      const hold = holder?.getBoundingClientRect();
      for (const line of range.getClientRects()) {
        if (line.left < -1 || line.right > room + 1) found.push([name, 'text beside the page']);
        if (hold && (line.left < hold.left - 1 || line.right > hold.right + 1
          || line.top < hold.top - 4 || line.bottom > hold.bottom + 4)) found.push([name, 'text out of its place']);
      }
    }
  }
  return found;
}"""

_SET = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = css === '' ? [] : [sheet];
}"""

_MOVES = """() => {
  const moving = document.getAnimations().map((it) => it.animationName ?? it.transitionProperty ?? 'animation');
  const smooth = [...document.querySelectorAll('*')].filter((it) => getComputedStyle(it).scrollBehavior === 'smooth');
  return [...moving, ...smooth.map((it) => `${it.tagName} scrolls smoothly`)];
}"""

_UNMARKED = """() => [...document.querySelectorAll(
  'button, .button, .leave, input, select, textarea, summary, a[href], .choice, [aria-current]'
)].filter((it) => it.checkVisibility() && it.getClientRects().length > 0).filter((it) => {
  const style = getComputedStyle(it);
  const edge = ['Top', 'Bottom', 'Left', 'Right'].some((side) =>
    parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none');
  const underlined = style.textDecorationLine.includes('underline');
  // A link in a heading of its own, an arrow of a summary and a native control are marked by the browser.
  const native = it.matches('summary, input[type=checkbox], select, h2 a');
  return !(edge || underlined || native);
}).map((it) => it.outerHTML.slice(0, 80))"""


async def cut_off(page: Page) -> list[list[str]]:
    """Return what sticks out of the page, or out of what it stands in: (element, how)."""
    return list(await page.evaluate(_CUT))


async def spaced(page: Page, css: str = SPACED) -> None:
    """Set a reader's own style over the page's, as a browser does and not as a part of the page; "" takes it away."""
    await page.evaluate(_SET, css)


async def moving(page: Page) -> list[str]:
    """Return what moves by itself."""
    return list(await page.evaluate(_MOVES))


async def unmarked(page: Page) -> list[str]:
    """Return the controls that nothing but a background or a colour tells from text."""
    return list(await page.evaluate(_UNMARKED))
