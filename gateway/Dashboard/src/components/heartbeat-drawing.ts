// Draws heartbeats onto a canvas.

import type { Beat } from '../model/heartbeats.ts';
import type { Colours } from './colours.ts';

export interface Area {
  readonly width: number;
  readonly height: number;
}

/** Where a wait as long as allowed reaches up to; what is longer is cut off at the top. */
const limitTop = 9;
const roleHeight = 3;
const roleGap = 3;

/** Each bar is the longest wait of a step, the latest at the right. Below is what the node was then. */
export function drawHeartbeats(context: CanvasRenderingContext2D, area: Area, beats: readonly (Beat | null)[], colours: Colours): void {
  const pitch = area.width / beats.length;
  const bottom = area.height - roleHeight - roleGap;
  drawLimit(context, area.width, colours);
  beats.forEach((beat, i) => {
    if (beat !== null) {
      const x = i * pitch;
      drawWait(context, beat, x, pitch, bottom, colours);
      drawRole(context, beat, x, pitch, area.height - roleHeight, colours);
    }
  });
}

function drawLimit(context: CanvasRenderingContext2D, width: number, colours: Colours): void {
  context.strokeStyle = colours.of('strong-line');
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(0, limitTop + 0.5);
  context.lineTo(width, limitTop + 0.5);
  context.stroke();
  context.setLineDash([]);
}

/** Silence differs by shape: from the top to the bottom, and hollow while nothing came at all. */
function drawWait(context: CanvasRenderingContext2D, { share, none }: Beat, x: number, pitch: number, bottom: number, colours: Colours): void {
  const width = Math.max(1, pitch * 0.7);
  if (none || share >= 1) {
    context.fillStyle = colours.of('bad');
    context.fillRect(x, 0, width, none ? 2 : bottom);
    if (none) {
      context.fillRect(x, bottom - 2, width, 2);
    }
    return;
  }
  const tall = Math.max(1.5, share * (bottom - limitTop));
  context.fillStyle = colours.of(share > 0.66 ? 'warning' : 'good');
  context.fillRect(x, bottom - tall, width, tall);
}

/** Solid while the node holds the service, dotted while it replicates, nothing otherwise. */
function drawRole(context: CanvasRenderingContext2D, { role }: Beat, x: number, pitch: number, top: number, colours: Colours): void {
  if (role === 'active') {
    context.fillStyle = colours.of('accent');
    context.fillRect(x, top, pitch + 0.5, roleHeight);
  } else if (role === 'replica') {
    context.fillStyle = colours.of('good');
    context.fillRect(x, top + 1, pitch * 0.5, 1);
  }
}
