"""The microservice chassis: everything a Tandem service stands on, without a business word."""
