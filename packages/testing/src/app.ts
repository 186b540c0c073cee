export {
  type AppLab,
  type AppLabOptions,
  createAppLab,
  type NotifierFault,
  type Step,
  type WalkOptions,
} from './lab/app-lab.ts';
