"""Tandem's services: event-driven microservices that meet only in Kafka topics and HTTP APIs."""
