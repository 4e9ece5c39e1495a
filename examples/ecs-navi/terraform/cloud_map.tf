resource "aws_service_discovery_private_dns_namespace" "main" {
  name        = "${var.service_name}.local"
  vpc         = aws_vpc.main.id
  description = "Private DNS namespace for ECS Navi services"
}

resource "aws_service_discovery_service" "main" {
  for_each = toset(["backend", "proxy-nginx"])

  name = each.value

  dns_config {
    namespace_id = aws_service_discovery_private_dns_namespace.main.id

    dns_records {
      type = "A"
      ttl  = 60
    }
  }

  health_check_custom_config {
    failure_threshold = 1
  }
}
