import { render } from 'preact';
import { App } from './components/app';
import './styles/base.css';
import './styles/top.css';
import './styles/parts.css';
import './styles/table.css';
import './styles/stream.css';
import './styles/help.css';

const root = document.getElementById('app');
if (root !== null) {
  render(<App />, root);
}
