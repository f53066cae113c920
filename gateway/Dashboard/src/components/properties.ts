// Sets custom properties of an element from a template.

import { noChange } from 'lit';
import type { ElementPart, PartInfo } from 'lit/directive.js';
import { Directive, PartType, directive } from 'lit/directive.js';

/**
 * The Content-Security-Policy forbids style attributes, which lit's own styleMap writes at the first rendering. Properties
 * that are set through the object model are allowed.
 */
class SetProperties extends Directive {
  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ELEMENT) {
      throw new Error('properties() belongs into an element\'s tag');
    }
  }

  override render(_: Readonly<Record<`--${string}`, string | number>>): unknown {
    return noChange;
  }

  override update(part: ElementPart, [values]: Parameters<this['render']>): unknown {
    const { style } = part.element as HTMLElement | SVGElement;
    for (const [name, value] of Object.entries(values)) {
      style.setProperty(name, String(value));
    }
    return noChange;
  }
}

export const properties = directive(SetProperties);
