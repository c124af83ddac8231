import { mount } from 'svelte';
import App from './App.svelte';
import { session } from './lib/session.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

void session.verify();
mount(App, { target });
