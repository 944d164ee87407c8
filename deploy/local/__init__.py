"""Everything Tandem needs to run on one machine: real servers, all services, the demo story."""
