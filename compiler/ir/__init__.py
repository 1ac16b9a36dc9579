"""The intermediate form: units of basic blocks whose instructions use virtual registers."""
