# One role for both purposes, as in the article: pulling and logging (execution role), and the code's own (task role).
resource "aws_iam_role" "task" {
  name = "${var.service_name}-ecs-task-execution-role"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })

  tags = { Name = "${var.service_name}-ecs-task-execution-role" }
}

resource "aws_iam_role_policy" "task" {
  name = "${var.service_name}-ecs-task-execution-policy"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "ecr:GetAuthorizationToken",
          "ecr:BatchCheckLayerAvailability",
          "ecr:GetDownloadUrlForLayer",
          "ecr:BatchGetImage",
        ]
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "main" {
  for_each = toset(["nginx", "api", "nginx-proxy"])

  name              = "/ecs/${each.value}"
  retention_in_days = 7
}

locals {
  log_configuration = {
    for name, group in aws_cloudwatch_log_group.main : name => {
      logDriver = "awslogs"
      options = {
        awslogs-group         = group.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "ecs-${name}"
      }
    }
  }
}

resource "aws_ecs_cluster" "main" {
  name = "${var.service_name}-cluster"
}

resource "aws_ecs_task_definition" "backend" {
  family                   = "${var.service_name}-nginx-task"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.task.arn

  container_definitions = jsonencode([
    {
      name             = "nginx"
      image            = "${var.image_prefix}/ecs-navi-nginx:latest"
      portMappings     = [{ containerPort = 80, hostPort = 80 }]
      logConfiguration = local.log_configuration["nginx"]
    },
    {
      name             = "api"
      image            = "${var.image_prefix}/ecs-navi-api:latest"
      logConfiguration = local.log_configuration["api"]
    },
  ])
}

resource "aws_ecs_task_definition" "proxy" {
  family                   = "${var.service_name}-nginx-proxy-task"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.task.arn

  container_definitions = jsonencode([
    {
      name             = "nginx"
      image            = "${var.image_prefix}/ecs-navi-nginx-proxy:latest"
      portMappings     = [{ containerPort = 80, hostPort = 80, protocol = "tcp" }]
      logConfiguration = local.log_configuration["nginx-proxy"]
    },
  ])
}

resource "aws_ecs_service" "backend" {
  name                   = "${var.service_name}-backend-service"
  cluster                = aws_ecs_cluster.main.id
  task_definition        = aws_ecs_task_definition.backend.arn
  desired_count          = var.backend_count
  launch_type            = "FARGATE"
  enable_execute_command = true

  network_configuration {
    subnets         = [for subnet in aws_subnet.private : subnet.id]
    security_groups = [aws_security_group.backend.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.backend.arn
    container_name   = "nginx"
    container_port   = 80
  }

  service_registries {
    registry_arn = aws_service_discovery_service.main["backend"].arn
  }

  # A target group takes no service before a rule forwards to it.
  depends_on = [aws_lb_listener_rule.api, aws_iam_role_policy.task]
}

resource "aws_ecs_service" "proxy" {
  name                   = "${var.service_name}-nginx-proxy-service"
  cluster                = aws_ecs_cluster.main.id
  task_definition        = aws_ecs_task_definition.proxy.arn
  desired_count          = 1
  launch_type            = "FARGATE"
  enable_execute_command = true

  network_configuration {
    subnets         = [for subnet in aws_subnet.private : subnet.id]
    security_groups = [aws_security_group.proxy.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.proxy.arn
    container_name   = "nginx"
    container_port   = 80
  }

  service_registries {
    registry_arn = aws_service_discovery_service.main["proxy-nginx"].arn
  }

  depends_on = [aws_lb_listener_rule.site, aws_iam_role_policy.task]
}
