"""The demo issuer, loopback only: signs in the persons of the demo story, with all the rules of a real one."""
