import { applyTheme, readTheme } from './state/theme.ts';
import './components/dashboard-app.ts';

applyTheme(readTheme());
