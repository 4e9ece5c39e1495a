# Step 5: a service each, so that each scales by itself. nginx finds gunicorn by the name that Cloud Map keeps.
resource "aws_service_discovery_private_dns_namespace" "main" {
  count = local.split ? 1 : 0

  name = "${local.name}.local"
  vpc  = aws_vpc.main.id
}

resource "aws_service_discovery_service" "gunicorn" {
  count = local.split ? 1 : 0

  name = "gunicorn"

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.main[0].id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }

  health_check_custom_config {
    failure_threshold = 1
  }
}

resource "aws_ecs_task_definition" "nginx" {
  count = local.split ? 1 : 0

  family                   = "${local.name}-nginx"
  requires_compatibilities = ["EC2"]
  network_mode             = "awsvpc"
  execution_role_arn       = aws_iam_role.task_execution.arn
  container_definitions    = jsonencode([local.nginx])
}

resource "aws_ecs_task_definition" "gunicorn" {
  count = local.split ? 1 : 0

  family                   = "${local.name}-gunicorn"
  requires_compatibilities = ["EC2"]
  network_mode             = "awsvpc"
  execution_role_arn       = aws_iam_role.task_execution.arn

  container_definitions = jsonencode([
    merge(local.gunicorn, { portMappings = [{ containerPort = 8000, hostPort = 8000, protocol = "tcp" }] }),
  ])
}

resource "aws_ecs_service" "nginx" {
  count = local.split ? 1 : 0

  name            = "${local.name}-nginx-service"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.nginx[0].arn
  desired_count   = var.nginx_count
  launch_type     = "EC2"

  load_balancer {
    target_group_arn = aws_lb_target_group.main["ip"].arn
    container_name   = "nginx"
    container_port   = 80
  }

  network_configuration {
    subnets         = [aws_subnet.public["a"].id]
    security_groups = [aws_security_group.task.id]
  }

  depends_on = [aws_instance.ecs, aws_lb_listener.http, aws_iam_role_policy_attachment.task_execution]
}

resource "aws_ecs_service" "gunicorn" {
  count = local.split ? 1 : 0

  name            = "${local.name}-gunicorn-service"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.gunicorn[0].arn
  desired_count   = var.gunicorn_count
  launch_type     = "EC2"

  service_registries {
    registry_arn = aws_service_discovery_service.gunicorn[0].arn
  }

  network_configuration {
    subnets         = [aws_subnet.public["a"].id]
    security_groups = [aws_security_group.gunicorn.id]
  }

  depends_on = [aws_instance.ecs, aws_iam_role_policy_attachment.task_execution]
}
