resource "aws_cloudwatch_log_group" "main" {
  name              = "/ecs/${local.name}"
  retention_in_days = 7
}

resource "aws_ecs_cluster" "main" {
  name = "${local.name}-cluster"
}

locals {
  log_configuration = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.main.name
      awslogs-region        = var.region
      awslogs-stream-prefix = "ecs"
    }
  }
  nginx = {
    name      = "nginx"
    image     = "${var.image_prefix}/ecs-django-nginx:${local.now.conf}"
    memory    = 128
    essential = true
    # Bridge: Docker chooses a free port of the instance. awsvpc: the port of the task's own interface.
    portMappings     = [{ containerPort = 80, hostPort = local.bridge ? 0 : 80, protocol = "tcp" }]
    logConfiguration = local.log_configuration
  }
  gunicorn = {
    name             = "gunicorn"
    image            = "${var.image_prefix}/ecs-django-gunicorn:latest"
    memory           = 256
    essential        = true
    logConfiguration = local.log_configuration
  }
}

# Steps 1 to 4: both containers in one task.
resource "aws_ecs_task_definition" "django" {
  count = local.split ? 0 : 1

  family                   = local.name
  requires_compatibilities = ["EC2"]
  network_mode             = local.now.network
  execution_role_arn       = aws_iam_role.task_execution.arn

  container_definitions = jsonencode([
    local.nginx,
    # nginx first: it gets 172.17.0.2, and gunicorn 172.17.0.3.
    merge(local.gunicorn, { dependsOn = [{ containerName = "nginx", condition = "START" }] }),
  ])
}

# A service keeps its kind of targets: another network mode is another service.
resource "terraform_data" "network" {
  input = local.now.network
}

resource "aws_ecs_service" "django" {
  count = local.split ? 0 : 1

  name            = "${local.name}-service"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.django[0].arn
  desired_count   = local.now.tasks
  launch_type     = "EC2"

  # The old task goes before the new one comes: on a t2.micro only one has an interface (awsvpc), and only one at a time
  # has 172.17.0.3 (bridge).
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100

  load_balancer {
    target_group_arn = aws_lb_target_group.main[local.bridge ? "instance" : "ip"].arn
    container_name   = "nginx"
    container_port   = 80
  }

  dynamic "network_configuration" {
    for_each = local.bridge ? [] : [1]
    content {
      subnets         = [aws_subnet.public["a"].id]
      security_groups = [aws_security_group.task.id]
    }
  }

  lifecycle {
    replace_triggered_by = [terraform_data.network]
  }

  depends_on = [
    aws_instance.ecs,
    aws_lb_listener.http,
    aws_iam_role_policy_attachment.task_execution,
    aws_vpc_security_group_ingress_rule.dynamic_ports,
  ]
}
