output "url" {
  value = "http://${aws_lb.main.dns_name}/"
}

output "cluster" {
  value = aws_ecs_cluster.main.name
}

output "instance_ids" {
  value = [for instance in aws_instance.ecs : instance.id]
}
