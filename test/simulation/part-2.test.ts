import { testPart } from './in-parts.ts';

testPart(2);
