"""The access spec: its text, its values, the state it asks for, and the spec of a state. All pure."""
