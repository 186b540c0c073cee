import { createRoot } from 'react-dom/client';
import { createMonitor } from './monitor/create-monitor.ts';
import { createDoor } from './session/door.ts';
import { createSoftphone } from './softphone/create-softphone.ts';
import { App } from './view/app.tsx';
import { firstNumber } from './view/called-numbers.ts';
import type { OpenWorkplace } from './view/workplace.ts';

const callerNumber = '+15550001';

const door = createDoor();

const open: OpenWorkplace = ({ role, numbers }) => ({
  monitor: createMonitor({ door }),
  phones:
    role === 'operator'
      ? {
          caller: createSoftphone({ door, number: callerNumber, name: 'caller' }),
          callee: createSoftphone({ door, number: firstNumber(numbers), name: 'callee' }),
        }
      : undefined,
});

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element "root"');
createRoot(root).render(<App door={door} open={open} />);
