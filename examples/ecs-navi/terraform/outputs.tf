output "cluster" {
  value = aws_ecs_cluster.main.name
}

output "urls" {
  value = ["https://${var.domain}/", "https://api.${var.domain}/"]
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_zone_id" {
  value = aws_service_discovery_private_dns_namespace.main.hosted_zone
}
