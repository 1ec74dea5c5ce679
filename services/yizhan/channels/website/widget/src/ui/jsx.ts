import { type ComponentType, createElement, Fragment, type VNode } from 'preact';

/** What the compiler turns JSX into. Preact's own does more, for servers, than a small widget needs. */
export function jsx(type: string | ComponentType, props: Record<string, unknown>, key?: string | number): VNode {
  return createElement(type as ComponentType, key === undefined ? props : { ...props, key });
}

export { Fragment, jsx as jsxs };
