import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import type { MenuContent, MenuOption } from '../transport/protocol';
import { send, useDesk } from './desk';
import { Check, Star } from './icons';
import { RichText } from './rich-text';

const RATING = 'rating:';

interface Props {
  menu: MenuContent;
  /** The option that was chosen, if one was. */
  chosen: string | undefined;
}

export function Menu({ menu, chosen }: Props): JSX.Element {
  return menu.menu_id.startsWith(RATING) ? (
    <Rating menu={menu} chosen={chosen} />
  ) : (
    <Options menu={menu} chosen={chosen} />
  );
}

function useChoose(menu: MenuContent, chosen: string | undefined): (option: MenuOption) => void {
  const desk = useDesk();
  return ({ id, label }) => {
    if (chosen === undefined) send(desk, { type: 'choice', menu_id: menu.menu_id, option_id: id, label });
  };
}

function Options({ menu, chosen }: Props): JSX.Element {
  const choose = useChoose(menu, chosen);
  return (
    <div class="menu" role="group" aria-label={menu.prompt}>
      <div class="menu-prompt">
        <RichText text={menu.prompt} />
      </div>
      {menu.options.map((option) => (
        <button
          key={option.id}
          type="button"
          class={`option${chosen === option.id ? ' chosen' : ''}`}
          disabled={chosen !== undefined}
          aria-pressed={chosen === option.id}
          onClick={() => choose(option)}
        >
          <span>{option.label}</span>
          {chosen === option.id && <Check />}
        </button>
      ))}
    </div>
  );
}

/** Stars from the worst to the best. They fill up to the one under the pointer, or to the chosen one. */
function Rating({ menu, chosen }: Props): JSX.Element {
  const { words } = useDesk();
  const choose = useChoose(menu, chosen);
  const [pointed, setPointed] = useState(-1);
  const options = [...menu.options].sort((a, b) => Number(a.id) - Number(b.id));
  const at = options.findIndex((option) => option.id === chosen);
  const filled = chosen === undefined ? pointed : at;
  return (
    <div class="menu rating" role="group" aria-label={menu.prompt} onMouseLeave={() => setPointed(-1)}>
      <div class="menu-prompt">{menu.prompt}</div>
      <div class="stars">
        {options.map((option, index) => {
          const label = words.ratings[index] ?? option.label;
          return (
            <button
              key={option.id}
              type="button"
              class={index <= filled ? 'star lit' : 'star'}
              disabled={chosen !== undefined}
              aria-label={`${words.stars(index + 1)}, ${label}`}
              aria-pressed={chosen === option.id}
              onMouseEnter={() => setPointed(index)}
              onFocus={() => setPointed(index)}
              onBlur={() => setPointed(-1)}
              onClick={() => choose(option)}
            >
              <Star />
              <span>{label}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** The customer's own answer to a rating, as stars; null for every other choice. */
export function starsOf(menuId: string, optionId: string): number | null {
  const count = Number(optionId);
  return menuId.startsWith(RATING) && count >= 1 && count <= 5 ? count : null;
}
