"""The program format: opcodes, encoding, assembler, disassembler, verifier."""
